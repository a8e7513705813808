"""The build: the files of a root are read, merged, reasoned over, checked, described and dumped as a release."""
