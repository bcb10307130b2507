"""The one exception of the vault: raised by every module of it, caught at the edges, carrying no secret."""


class VaultError(Exception):
    """A sealed object or a key was refused. The message is for operators and holds neither keys nor contents."""
