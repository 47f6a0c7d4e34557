"""What staff do with their accounts: signing in, sessions and tokens, passwords, people, setting up."""
