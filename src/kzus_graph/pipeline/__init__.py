"""The build of a release: read the files of a root folder, merge their graphs, reason, check, describe and dump."""
