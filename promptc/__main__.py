"""`python -m promptc`."""

from promptc.cli.main import main

if __name__ == "__main__":
    main()
