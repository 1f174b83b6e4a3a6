"""Small files and features for the blob store's tests."""

import hashlib

import numpy as np

from app.blobs.store import BlobStore

SPACE = "clip-image:ViT-B-32:laion2b_s34b_b79k"
FEATURES = np.arange(12, dtype=np.float32).reshape(3, 4)


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(store: BlobStore, content: bytes) -> str:
    with store.new_upload() as temporary:
        temporary.write_bytes(content)
        store.put(temporary, hash_of(content))
    return hash_of(content)
