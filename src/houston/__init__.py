"""Houston keeps WhatsApp numbers working for a business and always tells the truth about them."""
