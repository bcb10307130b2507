"""The address of the audit log."""

from django.urls import path

from clinic.audit import views

app_name = "audit"
urlpatterns = [path("", views.log, name="log")]
