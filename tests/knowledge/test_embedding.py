"""The model: real, checked, and close where meanings are close."""

from pathlib import Path

import numpy as np
import pytest

from supportdesk.errors import StartError
from supportdesk.knowledge.embedding import DIMENSIONS, MAX_TOKENS, Embedder


def test_vectors_have_length_one_and_near_meanings_are_near(embedder: Embedder) -> None:
    vectors = embedder.embed(["How do I return a jacket?", "I want to send my coat back", "The moon has no air"])
    assert vectors.shape == (3, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    likeness = vectors @ vectors.T
    assert likeness[0, 1] > likeness[0, 2] + 0.3


def test_a_text_has_the_same_vector_whatever_stands_beside_it(embedder: Embedder) -> None:
    alone = embedder.embed(["refund"])
    beside = embedder.embed(["a much longer text about something else entirely", "refund"])
    assert np.array_equal(alone[0], beside[1])


def test_empty_endless_and_strange_texts_are_embedded_too(embedder: Embedder) -> None:
    vectors = embedder.embed(["", "word " * 20_000, "\u202e😀\u0301漢字"])
    assert np.isfinite(vectors).all()
    assert embedder.count_tokens("word " * 20_000) == MAX_TOKENS


def test_another_model_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "model.onnx"
    other.write_bytes(b"something else")
    with pytest.raises(StartError, match="is not the one this version was made with"):
        Embedder.load(model=other)
    with pytest.raises(StartError, match="cannot be read"):
        Embedder.load(tokenizer=tmp_path / "missing.json")
