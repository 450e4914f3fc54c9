"""CRMs: what people write reaches their cards, and what operators write there reaches WhatsApp."""
