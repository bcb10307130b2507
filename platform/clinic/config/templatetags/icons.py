"""The tags ``{% icon "lock" %}`` and ``{% wordmark %}``: our own drawings from ``static/vermilion/icons.svg``.

Templates of every app use them beside words, never instead of words; they are hidden from screen readers.
"""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

SHEET = "vermilion/icons.svg"
MARKUP = '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>'


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Return the drawing ``name`` at 20 px, or at the size "s" (16 px) or "l" (30 px)."""
    return format_html(MARKUP, size, static(SHEET), name)


@register.simple_tag
def wordmark() -> SafeString:
    """Return the lip of the wordmark; the word beside it is the template's."""
    return format_html('<svg aria-hidden="true" focusable="false"><use href="{}#lip"/></svg>', static(SHEET))
