#!/usr/bin/env python3
"""A libtorrent peer for the benchmarks: finds others by LSD (BEP 14) only, TCP only, no encryption.

make  PATH TORRENT PIECE_LENGTH   writes a version 1 .torrent
seed  TORRENT FOLDER              says 'seeding', then serves until it is ended
fetch TORRENT FOLDER              says 'arrived' when everything has, and ends
stay  TORRENT FOLDER              the same, but goes on serving
"""

import os
import sys

import libtorrent as lt

# What libtorrent's own tuning guide and high_performance_seed() change for a fast network, as far as it helped here.
SETTINGS = {
    "listen_interfaces": "0.0.0.0:6881",
    "enable_dht": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_lsd": True,
    "enable_outgoing_utp": False,
    "enable_incoming_utp": False,
    "in_enc_policy": 2,  # pe_disabled
    "out_enc_policy": 2,
    "allow_multiple_connections_per_ip": True,
    "unchoke_slots_limit": -1,
    "aio_threads": 4,
    "hashing_threads": 2,
    "max_queued_disk_bytes": 64 * 1024 * 1024,
    "max_out_request_queue": 2000,
    "max_allowed_in_request_queue": 4000,
    "request_queue_time": 3,
    "send_buffer_watermark": 8 * 1024 * 1024,
    "send_buffer_low_watermark": 1024 * 1024,
    "send_buffer_watermark_factor": 150,
    "recv_socket_buffer_size": 1024 * 1024,
    "send_socket_buffer_size": 1024 * 1024,
    "alert_mask": lt.alert.category_t.status_notification
    | lt.alert.category_t.storage_notification
    | lt.alert.category_t.error_notification,
}

# create_torrent::v1_only, which the Python binding leaves out.
V1_ONLY = 1 << 6


def main(arguments):
    action, *rest = arguments
    {"make": make, "seed": seed, "fetch": fetch, "stay": stay}[action](*rest)


def make(path, torrent, piece_length):
    storage = lt.file_storage()
    lt.add_files(storage, path)
    creator = lt.create_torrent(storage, int(piece_length), V1_ONLY)
    lt.set_piece_hashes(creator, os.path.dirname(os.path.abspath(path)))
    with open(torrent, "wb") as out:
        out.write(lt.bencode(creator.generate()))


def seed(torrent, folder):
    session, handle = open_torrent(torrent, folder, lt.torrent_flags.seed_mode)
    print("seeding", flush=True)
    while not failed(session):
        session.wait_for_alert(1000)


def fetch(torrent, folder):
    session, handle = open_torrent(torrent, folder, lt.torrent_flags.default_flags)
    wait_until_whole(session, handle)
    os._exit(0)  # An orderly end of the session would wait for trackers that there are none of.


def stay(torrent, folder):
    session, handle = open_torrent(torrent, folder, lt.torrent_flags.default_flags)
    wait_until_whole(session, handle)
    while not failed(session):
        session.wait_for_alert(1000)


def wait_until_whole(session, handle):
    while not handle.status().is_seeding:
        if failed(session):
            sys.exit(1)
        session.wait_for_alert(10)
    write_everything(session, handle)
    print("arrived", flush=True)


def write_everything(session, handle):
    """A piece counts as soon as it is hashed; it may not be in its file yet."""
    handle.flush_cache()
    while not any(isinstance(alert, lt.cache_flushed_alert) for alert in session.pop_alerts()):
        session.wait_for_alert(10)


def open_torrent(torrent, folder, flags):
    session = lt.session(SETTINGS)
    description = lt.add_torrent_params()
    description.ti = lt.torrent_info(torrent)
    description.save_path = folder
    description.flags = flags & ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
    return session, session.add_torrent(description)


def failed(session):
    problems = [alert for alert in session.pop_alerts() if "error" in alert.what()]
    for problem in problems:
        print(problem.message(), file=sys.stderr)
    return any(isinstance(problem, (lt.torrent_error_alert, lt.file_error_alert)) for problem in problems)


main(sys.argv[1:])
