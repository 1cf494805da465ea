"""People who sign, for the tests of every room: a real key each, enrolled and confirmed by others.

signers.enrol(account, by=other)             # through the commands, secret SECRET and PIN
signature=signers.signature(account)         # for a command asked without a page
signers.fields(account), signers.PIN_FIELDS  # what a page's form sends
"""

from typing import Any

from ledger.event import Actor

SECRET = "quiet violet incubator 9"
PIN = "402718"
PIN_FIELDS = {"signing_pin": PIN}
TERMINAL = "t-test2"


def actor(account: Any, *, terminal: str = TERMINAL) -> Actor:
    """The person of an account, acting in its role."""
    return Actor(person=account.person, role=account.role, terminal=terminal)


def make_key(account: Any, *, secret: str = SECRET, pin: str = PIN) -> str:
    """The person enrols a key, which waits for a second person. Says its number."""
    from personnel import keys, signing_commands

    cheap = keys.Cost(64, 1, 1)  # the page's own costs are tried where the page is
    made = keys.make(person=account.person, secret=secret, pin=pin, cost=cheap, pin_cost=cheap)
    signing_commands.enrol_key(
        key=made.key,
        public_key=made.public_key,
        wrapped=made.wrapped,
        policy_sha256=signing_commands.policy().sha256,
        actor=actor(account),
    )
    return made.key


def check_identity(account: Any, *, by: Any) -> None:
    """A second person sees who this is, unless somebody did before."""
    from personnel import people_commands, queries

    if queries.may_sign(account.person):
        people_commands.check_identity(
            person=account.person,
            evidence="identity card",
            reference="seen at the gate",
            actor=actor(by),
        )


def confirm(account: Any, key: str, *, by: Any) -> None:
    """A supervisor, QA or the Qualified Person says whose key it is."""
    from personnel import signing_commands

    signing_commands.confirm_key(person=account.person, key=key, actor=actor(by))


def enrol(account: Any, *, by: Any, secret: str = SECRET, pin: str = PIN) -> str:
    """The person can sign afterwards: known by identity card, with a confirmed key."""
    check_identity(account, by=by)
    key = make_key(account, secret=secret, pin=pin)
    confirm(account, key, by=by)
    return key


def signature(account: Any, *, secret: str = SECRET) -> Any:
    """All components, for a command that no page asks."""
    from personnel import signing

    return signing.with_secret(actor(account), name=account.username, secret=secret)


def fields(account: Any, *, secret: str = SECRET) -> dict[str, str]:
    """All components, as the page's form sends them."""
    return {"signing_name": account.username, "signing_secret": secret}
