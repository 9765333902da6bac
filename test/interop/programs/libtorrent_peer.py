#!/usr/bin/env python3
"""A stock libtorrent peer for the interop matrix. Its one argument is a JSON object:

{"do": "make", "path", "torrent", "pieceLength", "files", "version"}   writes a .torrent, says its info-hashes
{"do": "seed", "torrent", "folder", "lsd", "peers"}         says 'seeding', then serves until it is ended
{"do": "fetch", "source", "out", "lsd", "peers"}            says 'arrived' when everything has; goes on serving
{"do": "introduce", "torrent", "peers"}                     wants nothing; tells peers of each other by PEX

"source" is a .torrent file or a magnet link, "peers" are HOST:PORT, "version" is v1, v2 or hybrid.
"""

import json
import os
import sys
import tempfile

import libtorrent as lt

PORT = 6881

# Everything else stays as it is shipped: uTP and encryption are tried first, as by the programs that embed it.
SETTINGS = {
    "listen_interfaces": f"0.0.0.0:{PORT},[::]:{PORT}",
    "enable_dht": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "alert_mask": lt.alert.category_t.status_notification
    | lt.alert.category_t.storage_notification
    | lt.alert.category_t.tracker_notification
    | lt.alert.category_t.error_notification,
}

# Flags of create_torrent, which the Python binding leaves out.
VERSIONS = {"v1": 1 << 6, "v2": 1 << 5, "hybrid": 0}


def main(order):
    {"make": make, "seed": seed, "fetch": fetch, "introduce": introduce}[order["do"]](order)


def make(order):
    """The files stand in the order in which they are given."""
    storage = lt.file_storage()
    folder, name = os.path.split(order["path"])
    for file in order["files"]:
        path = os.path.join(name, *file)
        storage.add_file(path, os.path.getsize(os.path.join(folder, path)))
    creator = lt.create_torrent(storage, order["pieceLength"], VERSIONS[order["version"]])
    lt.set_piece_hashes(creator, folder)
    torrent = lt.bencode(creator.generate())
    with open(order["torrent"], "wb") as out:
        out.write(torrent)
    hashes = lt.torrent_info(lt.bdecode(torrent)).info_hashes()
    print(json.dumps({"v1": str(hashes.v1) if hashes.has_v1() else None,
                      "v2": str(hashes.v2) if hashes.has_v2() else None}))


def seed(order):
    session, handle = join(order, order["torrent"], order["folder"], lt.torrent_flags.seed_mode)
    print("seeding", flush=True)
    stay(session, handle)


def fetch(order):
    session, handle = join(order, order["source"], order["out"])
    while not handle.status().is_seeding:
        if failed(session):
            sys.exit(1)
        session.wait_for_alert(50)
    write_everything(session, handle)
    print("arrived", flush=True)
    stay(session, handle)


def introduce(order):
    with tempfile.TemporaryDirectory() as nothing:
        settings = {"close_redundant_connections": False, "enable_outgoing_utp": False}
        session, handle = join(order, order["torrent"], nothing, settings=settings)
        handle.prioritize_files([0] * handle.torrent_file().num_files())
        # It tells a new peer at once of those it has; of others it would tell a minute later.
        while connected(handle) < len(order["peers"]):
            session.wait_for_alert(50)
        print("introducing", flush=True)
        stay(session, handle)


def connected(handle):
    under_way = lt.peer_info.connecting | lt.peer_info.handshake
    return sum(1 for peer in handle.get_peer_info() if not peer.flags & under_way)


def join(order, source, folder, flags=lt.torrent_flags.default_flags, settings={}):
    session = lt.session({**SETTINGS, **settings, "enable_lsd": order.get("lsd", False)})
    description = describe(source)
    description.save_path = folder
    description.flags = flags & ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
    handle = session.add_torrent(description)
    for peer in order.get("peers", []):
        host, port = peer.rsplit(":", 1)
        handle.connect_peer((host, int(port)))
    return session, handle


def describe(source):
    if source.startswith("magnet:"):
        return lt.parse_magnet_uri(source)
    description = lt.add_torrent_params()
    description.ti = lt.torrent_info(source)
    return description


def write_everything(session, handle):
    """A piece counts as soon as it is hashed; it may not be in its file yet."""
    handle.flush_cache()
    while not any(isinstance(alert, lt.cache_flushed_alert) for alert in session.pop_alerts()):
        session.wait_for_alert(50)


def stay(session, handle):
    """Until it is interrupted, or fails."""
    try:
        while not failed(session):
            session.wait_for_alert(1000)
    except KeyboardInterrupt:
        say_goodbye(session, handle)


def say_goodbye(session, handle):
    """A session that just ends does not wait until a UDP tracker has heard it."""
    if not handle.trackers():
        return
    handle.pause()
    heard = (lt.tracker_reply_alert, lt.tracker_error_alert)
    while not any(isinstance(alert, heard) for alert in session.pop_alerts()):
        session.wait_for_alert(50)


def failed(session):
    problems = [alert for alert in session.pop_alerts() if "error" in alert.what()]
    for problem in problems:
        print(problem.message(), file=sys.stderr)
    return any(isinstance(problem, (lt.torrent_error_alert, lt.file_error_alert)) for problem in problems)


main(json.loads(sys.argv[1]))
