"""The folders of linked devices, on real files."""

from pathlib import Path

from houston.transports.linked_worker.places import live_folder


def test_two_data_folders_do_not_share_what_lies_open(tmp_path: Path):
    one, other = (live_folder(None, tmp_path / name) for name in ("one", "other"))
    assert one != other
    assert live_folder(tmp_path / "given", tmp_path) == tmp_path / "given"
