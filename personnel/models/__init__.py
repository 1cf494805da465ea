"""The people's room's tables: accounts and what pages read about people."""

from personnel.models.account import Account, AccountManager

__all__ = ["Account", "AccountManager"]
