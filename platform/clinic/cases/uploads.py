"""Keeps uploads in memory and drops what exceeds the cap, so that no photograph ever lies in a temporary file.

From: the settings, as the only upload handler. To: request.FILES of the intake and mask pages.
"""

from io import BytesIO

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

CAP = 32 * 2**20


class InMemoryUpload(FileUploadHandler):
    """Collects one file in memory; of a file beyond `CAP` only its true size is kept, so that the page can name it."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Append a chunk, or let go of everything once the file is too large."""
        if start == 0:
            self.file = BytesIO()
        if start + len(raw_data) <= CAP:
            self.file.write(raw_data)
        else:
            self.file = BytesIO()

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        """Hand over the file under the size it really had."""
        if file_size == 0:
            self.file = BytesIO()
        self.file.seek(0)
        return InMemoryUploadedFile(
            self.file, self.field_name, self.file_name or "", self.content_type or "", file_size, self.charset
        )
