"""Secrets sealed with the server's key, and where that key comes from, on real files."""

import stat
from pathlib import Path

import pytest

from houston.kernel.ids import new_id
from houston.kernel.vault import Vault, WrongKey, found_key

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def test_only_the_same_key_opens_a_secret_and_only_for_its_owner():
    owner, vault = new_id(), Vault(lambda: KEY)
    sealed = vault.seal("whsec_abc", owner)
    assert vault.open(sealed, owner) == "whsec_abc"
    for stranger, whose in ((vault, new_id()), (Vault(lambda: OTHER_KEY), owner)):
        with pytest.raises(WrongKey):
            stranger.open(sealed, whose)


def test_what_was_changed_does_not_open():
    owner, vault = new_id(), Vault(lambda: KEY)
    sealed = vault.seal("whsec_abc", owner)
    for broken in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:8], b""):
        with pytest.raises(WrongKey):
            vault.open(broken, owner)


def test_nothing_of_a_secret_shows_and_the_same_secret_never_looks_the_same():
    owner, vault = new_id(), Vault(lambda: KEY)
    one, other = vault.seal("whsec_abc", owner), vault.seal("whsec_abc", owner)
    assert b"whsec" not in one
    assert one != other


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path):
    folder = tmp_path / "houston"
    key = found_key(folder, None)
    assert len(key) == 32
    assert found_key(folder, None) == key
    assert stat.S_IMODE((folder / "sealing.key").stat().st_mode) == 0o600
    assert found_key(tmp_path / "other", None) != key


def test_the_key_of_the_settings_is_stronger_and_leaves_nothing_on_the_disk(tmp_path: Path):
    assert found_key(tmp_path / "houston", "ab" * 32) == b"\xab" * 32
    assert not (tmp_path / "houston").exists()
