"""`python -m ttsopt` is `ttsopt`."""

from ttsopt.cli.main import run

if __name__ == "__main__":
    run()
