"""Pictures, documents and whatever else goes with a message: kept, and shown to whoever has the link."""
