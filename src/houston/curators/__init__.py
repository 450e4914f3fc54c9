"""People who are told, on WhatsApp, how channels and the balance are."""
