"""What people say in a home: requests of the home toolset, remarks, small talk."""
