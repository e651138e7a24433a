"""Systems under test, one small file each."""
