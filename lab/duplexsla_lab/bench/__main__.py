"""`python -m duplexsla_lab.bench`: the bench as a command."""

import argparse
import sys

from duplexsla.errors import DuplexSLAError
from duplexsla_lab.bench import command


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="duplexsla bench",
        description=command.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.arguments(parser)
    try:
        return command.run(parser.parse_args())
    except DuplexSLAError as error:
        print(f"duplexsla bench: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
