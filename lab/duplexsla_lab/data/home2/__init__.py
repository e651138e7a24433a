"""What people say in a home, taught with version 2 of its toolset: requests, answers, talk around them."""
