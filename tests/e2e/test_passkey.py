"""A passkey from enrolment to the verifier, in Chromium with a virtual authenticator (R6, R7)."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from batches import car_t
from config.demo_signing import SIGNING_SECRET
from tests.databases import ROOT, plain_environ
from tests.demo_process import Running

WHO, SECOND, OPENS = "Tomás Aldrany", "Helena Pratorio", "Dario Contavalle"
FIRST = car_t.content().steps[0]


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


def open_batch(page: Any, batch: str) -> None:
    page.goto("/batches/open/")
    page.locator("input[name=batch]").fill(batch)
    page.locator("select[name=purpose]").select_option("engineering")
    page.locator("main button.primary").click()
    page.get_by_text(f"Record of {batch}").first.wait_for()


def perform(page: Any, batch: str) -> None:
    """The first step, signed by touching the key."""
    page.goto(f"/batches/{batch}/steps/1/")
    for parameter in FIRST.parameters:
        page.locator(f"input[name=value_{parameter.key}]").fill(str(parameter.target))
    page.locator("button[name=then][value=sign]").click()
    page.get_by_text("Step 1 is signed.").wait_for()


def verified(bundle: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    """What the bundle's own verifier says, alone in a process of its own."""
    with zipfile.ZipFile(bundle) as archive:
        (folder / "verify.py").write_bytes(archive.read("verify.py"))
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), str(bundle)]
    return subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True)


def signatures_of(bundle: Path, key: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(bundle) as archive:
        lines = archive.read("trail.jsonl").decode().splitlines()
    said = [json.loads(line) for line in lines if '"ledger.signature_applied"' in line]
    return [one["body"]["data"] for one in said if one["body"]["data"]["key"] == key]


def test_r6_a_passkey_is_enrolled_signs_a_step_and_verifies_offline(
    page: Any, sign_in: Any, authenticator: Any, running_demo: Running, tmp_path: Path
) -> None:
    """Given an operator with a security key, when he enrols it and, after a second person's word,
    signs a step of a batch with it, then page, print and the exported bundle say that it holds."""
    batch = f"CT-70{page.viewport_size['width'] % 100:02}"
    sign_in(OPENS)
    open_batch(page, batch)
    leave(page)
    sign_in(WHO)
    withdraw(page)
    key = enrol(page)
    assert [one["rpId"] for one in authenticator()] == ["localhost"]
    leave(page)
    sign_in(SECOND)
    confirm(page, key)
    leave(page)
    sign_in(WHO)
    perform(page, batch)
    (credential,) = authenticator()
    assert credential["signCount"] >= 1, "the key was asked"
    for address in ("", "print/"):
        page.goto(f"/batches/{batch}/{address}")
        assert page.get_by_text("signature holds").count() == 1
    bundle = exported(running_demo, tmp_path)
    (signed,) = signatures_of(bundle, key)
    assert signed["algorithm"] in {"webauthn-es256", "webauthn-ed25519"}
    stated = (signed["printed_name"], signed["role"], signed["meaning"], signed["zone"])
    assert stated == (WHO, "operator", "performed", "Europe/Madrid")
    done = verified(bundle, tmp_path)
    assert done.returncode == 0, done.stdout
    assert "signatures of people hold" in done.stdout


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


def test_a_signature_is_sent_once_and_the_page_says_so_meanwhile(page: Any, sign_in: Any) -> None:
    """Given a slow network, when the button is pressed three times, then the page says that it is
    recording, and one request is under way."""
    sign_in(OPENS)
    batch = f"CT-71{page.viewport_size['width'] % 100:02}"
    open_batch(page, batch)
    leave(page)
    sign_in("Marta Solvedo")
    held: list[Any] = []
    page.route("**/perform/", lambda route: held.append(route))
    page.goto(f"/batches/{batch}/steps/1/")
    for parameter in FIRST.parameters:
        page.locator(f"input[name=value_{parameter.key}]").fill(str(parameter.target))
    page.locator("input[name=signing_name]").fill("marta")
    page.locator("input[name=signing_secret]").fill(SIGNING_SECRET)
    button = page.locator("button[name=then][value=sign]")
    shown = button.evaluate(
        "one => { one.click(); one.click(); one.click();"
        " return [one.form.ariaBusy, one.form.querySelector('[data-busy]').textContent]; }"
    )
    assert shown == ["true", "Recording and signing. One moment."]
    page.wait_for_timeout(500)
    assert len(held) == 1
    held[0].continue_()
    page.get_by_text("Step 1 is signed.").wait_for()
