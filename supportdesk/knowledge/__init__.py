"""What the desk knows: documents, cut into chunks, embedded on this machine, searched by one score, quoted.

Owns documents and document_chunks. Announces DocumentAdded (read it) and DocumentsChanged (searches find something
else now). `search.Knowledge` answers questions, `actions` take documents in and out, `processing` reads them,
`ingest` does both for folders.

What surprises:
- An answer is never written: it is one or two parts of an article, word for word, and a part is a slice of it.
- A chunk is embedded twice, whole and by its heading alone, because guests ask in the words of headings.
- A new version is a new row. The old one answers until the new one is read, and keeps its text afterwards, so that
  what was cited stays true; only its chunks go.
- A robot finds what a guest may see, whoever asks for it; staff documents are found by people and by set-up alone.
- The model lives in a thread for questions and in processes for documents; nothing is loaded before the first use.
- Without pgvector everything works by words alone, and finds about half as well.
"""
