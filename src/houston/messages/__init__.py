"""What is said through channels: accepted, queued, sent, received, never lost and never doubled."""
