"""Valid requests, each spoilt in every way that people have been seen to spoil theirs."""
