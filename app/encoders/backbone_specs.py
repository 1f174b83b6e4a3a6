"""The backbones a checkpoint may name, with their parameters and the feature space each makes. Loads none."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator


class Strict(BaseModel):
    """Base of all that is read from a checkpoint: nothing is coerced, nothing unknown is passed over."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class SignalVideo(Strict):
    """Colour, light, texture, composition and motion, computed; `version` changes when a figure changes meaning."""

    name: Literal["signal-video"]
    version: Literal[1]

    @property
    def space(self) -> str:
        return f"{self.name}:{self.version}"


class SignalMusic(Strict):
    """Loudness, mel spectrum, chroma, onsets and tempo, computed; `version` as for `SignalVideo`."""

    name: Literal["signal-music"]
    version: Literal[1]

    @property
    def space(self) -> str:
        return f"{self.name}:{self.version}"


class VGGish(Strict):
    """128 numbers for each 0.975 s of sound, by a network of that name whose weights are in safetensors form.

    `weights_file` is looked for in the checkpoint's folder unless it is absolute; `weights_url` is fetched once, into
    the cache folder. `postprocess`: as YouTube-8M has its sound features, whitened, clipped and held in 8 bits; the
    features are the values those bits stand for.
    """

    name: Literal["vggish"]
    weights_file: str | None = Field(min_length=1)
    weights_url: str | None = Field(pattern="^https?://.")
    weights_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    postprocess: bool

    @model_validator(mode="after")
    def _names_one_source_of_weights(self) -> Self:
        if (self.weights_file is None) == (self.weights_url is None):
            raise ValueError("exactly one source of weights is needed: weights_file or weights_url")
        return self

    @property
    def space(self) -> str:
        return f"{self.name}:{self.weights_sha256[:16]}{':yt8m' if self.postprocess else ''}"


class HashedText(Strict):
    """Hashed words and character n-grams, each kind in buckets of its own."""

    name: Literal["hashed-text"]
    version: Literal[1]
    word_buckets: PositiveInt
    ngram_buckets: PositiveInt

    @property
    def space(self) -> str:
        return f"{self.name}:{self.version}:{self.word_buckets}+{self.ngram_buckets}"


class ClipModel(Strict):
    """Which open_clip model: a name with a pretrained tag, or with a local weights file and its SHA-256.

    `weights_file` is looked for in the checkpoint's folder unless it is absolute. A name that starts with `hf-hub:`
    brings its own weights and takes neither. `precision` "auto" is bfloat16 where the device computes in it.
    """

    model: str = Field(min_length=1)
    pretrained: str | None = Field(min_length=1)
    weights_file: str | None = Field(min_length=1)
    weights_sha256: str | None = Field(pattern="^[0-9a-f]{64}$")
    precision: Literal["auto", "bf16", "fp32"]

    @model_validator(mode="after")
    def _names_one_source_of_weights(self) -> Self:
        if (self.weights_file is None) != (self.weights_sha256 is None):
            raise ValueError("weights_file and weights_sha256 belong together")
        if self.model.startswith("local-dir:"):
            raise ValueError("a local model is named by its architecture, with weights_file")
        sources = [self.pretrained, self.weights_file, self.model if self.model.startswith("hf-hub:") else None]
        if sum(source is not None for source in sources) != 1:
            raise ValueError("exactly one source of weights is needed: pretrained, weights_file, or an hf-hub: model")
        return self

    @property
    def weights_name(self) -> str:
        """What tells these weights from others of the same architecture."""
        return self.pretrained or (self.weights_sha256 or "own")[:16]


class ClipImage(ClipModel):
    name: Literal["clip-image"]

    @property
    def space(self) -> str:
        return f"{self.name}:{self.model}:{self.weights_name}"


class ClipText(ClipModel):
    name: Literal["clip-text"]

    @property
    def space(self) -> str:
        return f"{self.name}:{self.model}:{self.weights_name}"


VideoBackboneSpec = Annotated[SignalVideo | ClipImage, Field(discriminator="name")]
MusicBackboneSpec = Annotated[SignalMusic | VGGish, Field(discriminator="name")]
TextBackboneSpec = Annotated[HashedText | ClipText, Field(discriminator="name")]
BACKBONE_NAMES = frozenset({"signal-video", "signal-music", "vggish", "hashed-text", "clip-image", "clip-text"})
