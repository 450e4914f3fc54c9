"""What an operator's browser needs beyond the native interface: the feed, pulled or streamed."""
