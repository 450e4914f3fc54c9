"""WhatsApp's own servers, played on loopback: the unmodified libraries of its linked devices work on it."""
