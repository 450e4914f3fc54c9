"""A whole WhatsApp, simulated: phones, people, network and faults, with books of its own."""
