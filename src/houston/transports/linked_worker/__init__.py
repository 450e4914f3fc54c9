"""The program beside the server that speaks WhatsApp Web's protocol, and the frames between the two."""
