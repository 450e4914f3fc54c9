"""The key and the folders of linked devices, on real files."""

import stat
from pathlib import Path

from houston.transports.linked_worker.places import found_key, live_folder


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path):
    folder = tmp_path / "linked"
    key = found_key(folder, None)
    assert len(key) == 32
    assert found_key(folder, None) == key
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
    assert found_key(tmp_path / "other", None) != key


def test_the_key_of_the_settings_is_stronger_and_leaves_nothing_on_the_disk(tmp_path: Path):
    assert found_key(tmp_path / "linked", "ab" * 32) == b"\xab" * 32
    assert not (tmp_path / "linked").exists()


def test_two_data_folders_do_not_share_what_lies_open(tmp_path: Path):
    one, other = (live_folder(None, tmp_path / name) for name in ("one", "other"))
    assert one != other
    assert live_folder(tmp_path / "given", tmp_path) == tmp_path / "given"
