"""The two models in PyTorch, with the originals' structure, for the comparisons beside this file."""

import torch
from torch import nn
from torch.nn import functional as F

BATCH, TEXT, VOCAB, CONTEXT = 16, 64, 66, 1000
IMAGE, PATCH, VISION, VISION_BLOCKS = 96, 16, 512, 3
WIDTH, BLOCKS, HEADS, DROPOUT = 128, 8, 8, 0.1
EXPERTS, TOP_K = 8, 2


class Head(nn.Module):
    """One attention head; scores are scaled by the full width, as the originals do."""

    def __init__(self, width, size, causal):
        super().__init__()
        self.key = nn.Linear(width, size, bias=False)
        self.query = nn.Linear(width, size, bias=False)
        self.value = nn.Linear(width, size, bias=False)
        self.dropout = nn.Dropout(DROPOUT)
        self.causal = causal

    def forward(self, x):
        seq, width = x.shape[1:]
        scores = self.query(x) @ self.key(x).transpose(-2, -1) * width**-0.5
        if self.causal:
            mask = torch.tril(torch.ones(seq, seq, dtype=torch.bool, device=x.device))
            scores = scores.masked_fill(~mask, float("-inf"))
        return self.dropout(F.softmax(scores, dim=-1)) @ self.value(x)


class MultiHead(nn.Module):
    """Heads one after the other, concatenated and mixed."""

    def __init__(self, width, heads, causal):
        super().__init__()
        self.heads = nn.ModuleList(Head(width, width // heads, causal) for _ in range(heads))
        self.output = nn.Linear(width, width)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x):
        return self.dropout(self.output(torch.cat([head(x) for head in self.heads], dim=-1)))


def dense(width):
    """The feed-forward of seemore's blocks."""
    return nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))


def expert(width):
    """The feed-forward of seemoe's encoder blocks, and one expert of its decoder blocks."""
    return nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width), nn.Dropout(DROPOUT))


class Mixture(nn.Module):
    """Noisy top-k routing; each expert works on the tokens that chose it, one expert after the other."""

    def __init__(self, width):
        super().__init__()
        self.logits, self.noise = nn.Linear(width, EXPERTS), nn.Linear(width, EXPERTS)
        self.experts = nn.ModuleList(expert(width) for _ in range(EXPERTS))

    def forward(self, x):
        logits = self.logits(x)
        logits = logits + torch.randn_like(logits) * F.softplus(self.noise(x))
        largest, chosen = logits.topk(TOP_K, dim=-1)
        gates = torch.full_like(logits, float("-inf")).scatter(-1, chosen, largest).softmax(dim=-1)
        tokens, gates, chosen = x.flatten(0, 1), gates.flatten(0, 1), chosen.flatten(0, 1)
        result = torch.zeros_like(tokens)
        for i, work in enumerate(self.experts):
            mine = (chosen == i).any(dim=-1)
            if mine.any():
                result[mine] += work(tokens[mine]) * gates[mine, i].unsqueeze(1)
        return result.view_as(x)


class Block(nn.Module):
    """Attention and feed-forward; the second residual starts from the normalised x."""

    def __init__(self, width, heads, causal, feed_forward):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = MultiHead(width, heads, causal)
        self.feed_forward = feed_forward(width)

    def forward(self, x):
        x = self.norm_2(x + self.attention(self.norm_1(x)))
        return x + self.feed_forward(x)


class Model(nn.Module):
    """The vision language model, with the feed-forwards of one of the two originals."""

    def __init__(self, encoder_feed_forward, decoder_feed_forward):
        super().__init__()
        self.patches = nn.Conv2d(3, VISION, PATCH, PATCH)
        self.cls = nn.Parameter(torch.zeros(1, 1, VISION))
        self.image_positions = nn.Parameter(torch.randn(1, (IMAGE // PATCH) ** 2 + 1, VISION))
        self.image_dropout = nn.Dropout(DROPOUT)
        self.encoder = nn.Sequential(*(Block(VISION, HEADS, False, encoder_feed_forward) for _ in range(VISION_BLOCKS)))
        self.encoder_norm = nn.LayerNorm(VISION)
        self.projector = nn.Sequential(
            nn.Linear(VISION, 4 * VISION), nn.GELU(), nn.Linear(4 * VISION, WIDTH), nn.Dropout(DROPOUT)
        )
        self.tokens, self.positions = nn.Embedding(VOCAB, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.decoder = nn.Sequential(*(Block(WIDTH, HEADS, True, decoder_feed_forward) for _ in range(BLOCKS)))
        self.decoder_norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, VOCAB)

    def encode(self, images):
        """The visual token [batch, 1, width]."""
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], dim=1) + self.image_positions
        image = self.encoder_norm(self.encoder(self.image_dropout(x))[:, 0])
        return self.projector(image).unsqueeze(1)

    def decode(self, image, ids):
        """Logits [batch, 1 + text, vocab]."""
        x = torch.cat([image, self.tokens(ids)], dim=1)
        x = self.decoder(x + self.positions(torch.arange(x.shape[1], device=x.device)))
        return self.head(self.decoder_norm(x))

    def forward(self, images, ids, targets):
        logits = self.decode(self.encode(images), ids)[:, 1:]
        return F.cross_entropy(logits.reshape(-1, VOCAB), targets.reshape(-1))


def build(name, device):
    """The full-size model, seemore or seemoe, with weights of a fixed seed; products in full float32."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.manual_seed(0)
    model = Model(dense, dense) if name == "seemore" else Model(expert, Mixture)
    return model.to(device)
