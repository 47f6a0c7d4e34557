"""What the desk knows: documents, cut into chunks, embedded, searched, quoted."""
