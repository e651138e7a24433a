"""What people say in a car: requests of the fifty functions of paper appendix C, remarks, small talk."""
