"""All SQL of accounts: sessions and tokens, people, single-use links, attempts to sign in."""
