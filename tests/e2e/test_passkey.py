"""A passkey from enrolment to the verifier, in Chromium with a virtual authenticator (R6, R7)."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.databases import ROOT, plain_environ
from tests.demo_process import Running

WHO, SECOND = "Joachim Brandhof", "Helena Pratorio"


@pytest.fixture
def authenticator(page: Any) -> Any:
    """A security key in the browser's window, whose owner is there and is recognised."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return lambda: session.send(
        "WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]}
    )["credentials"]


def leave(page: Any) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")


def withdraw(page: Any) -> None:
    """The key from the demo's week, or from this test's other run, ends."""
    page.goto("/signing/")
    page.get_by_text("Withdraw this key").click()
    page.get_by_label("Why is the key withdrawn?").fill("A passkey takes its place")
    page.get_by_role("button", name="Withdraw my key").click()
    page.get_by_text("Your key signs nothing more").wait_for()


def enrol(page: Any) -> str:
    """A passkey takes its place; says its number."""
    form = page.locator("form[data-passkey-enrol]")
    form.get_by_role("checkbox").check()
    form.get_by_role("button", name="Enrol a passkey").click()
    page.get_by_text("is enrolled. A second person confirms it").wait_for()
    return str(page.locator(".verdict .code").inner_text())


def confirm(page: Any, key: str) -> None:
    page.goto("/signing/keys/")
    line = page.locator("li", has_text=WHO)
    line.get_by_label("Number of the key, as it stands on their page").fill(key)
    line.get_by_role("button", name="I was there: confirm").click()
    page.get_by_text(f"The key {key} is confirmed.").wait_for()


def test_r6_a_passkey_is_enrolled_signs_and_verifies_offline(
    page: Any, sign_in: Any, authenticator: Any, running_demo: Running, tmp_path: Path
) -> None:
    """Given the Qualified Person with a security key, when he enrols it and, after a second
    person's word, signs the access review with it, then the exported bundle verifies alone."""
    sign_in(WHO)
    withdraw(page)
    key = enrol(page)
    assert len(authenticator()) == 1
    leave(page)
    sign_in(SECOND)
    confirm(page, key)
    leave(page)
    sign_in(WHO)
    review(page)
    bundle = exported(running_demo, tmp_path)
    with zipfile.ZipFile(bundle) as archive:
        (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))
        signed = [
            json.loads(line)["body"]["data"]
            for line in archive.read("trail.jsonl").decode().splitlines()
            if '"ledger.signature_applied"' in line and key in line
        ]
    assert len(signed) == 1
    assert signed[0]["algorithm"] in {"webauthn-es256", "webauthn-ed25519"}
    assert (signed[0]["printed_name"], signed[0]["meaning"]) == (WHO, "reviewed")
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), str(bundle)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "signatures of people hold" in done.stdout


def review(page: Any) -> None:
    """The recurrent review of who holds what, signed by touching the key."""
    page.goto("/people/review/")
    for choice in page.locator("input[value=confirmed]").all():
        choice.check()
    page.locator("[name=reason]").fill("The quarter's review of all roles")
    page.get_by_role("button", name="Record and sign the review").click()
    page.get_by_text("The review is recorded and signed.").wait_for()


def exported(running_demo: Running, folder: Path) -> Path:
    """The whole trail as a bundle, made by the demo's own installation."""
    environ = plain_environ() | {
        "LOTBOOK_DEMO": "1",
        "LOTBOOK_STATE": str(running_demo.output.parent / "state"),
        "LOTBOOK_DOTENV": "/dev/null",
    }
    out = folder / "bundle.zip"
    command = [sys.executable, "manage.py", "export_trail", str(out), "--wait", "20"]
    subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True)
    return out
