"""What the scripts share: their arguments and a TLS context that trusts the server's certificate alone."""

import argparse
import ssl


def arguments(*names):
    """Reads `--name value` for each name, all of them required. A failed assertion ends the script with 1."""
    parser = argparse.ArgumentParser()
    for name in names:
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_args()


def tls(certificate):
    return ssl.create_default_context(cafile=certificate)


def read(path):
    with open(path, "rb") as file:
        return file.read()
