"""The build: read the files of a root folder, merge, reason, check, describe and dump them as a release."""
