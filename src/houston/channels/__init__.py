"""WhatsApp numbers that an account keeps connected: their status, their supervision, their history."""
