// Package vlm is a small vision language model, one component a file, meant to be read.
//
// The whole model first. A picture becomes one vector, the visual token; the decoder reads it in
// front of the text and predicts, at every position, the next character:
//
//	images [batch, height, width, 3]                     ids [batch, text]
//	   │ PatchEmbedding                                     │ token embedding
//	   ▼ [batch, patches, vision embed]                     │
//	   │ [CLS] in front, + positions                        │
//	   │ Block × NumBlocks (sees everything)                │
//	   │ layer norm of [CLS]                                │
//	   ▼ [batch, vision embed]          VisionTransformer   │
//	   │ MultimodalProjector                                │
//	   ▼ [batch, embed] ─── the visual token, in front ───▶ │
//	                                                        ▼ [batch, 1+text, embed]
//	                                                        │ + positions
//	                                                        │ Block × NumBlocks (sees the past only)
//	                                                        │ layer norm, linear
//	                                                        ▼ [batch, 1+text, vocab]  DecoderLanguageModel
//
// Read the files in the order in which the data flows: patch_embedding.go, attention.go, mlp.go,
// block.go, vision_transformer.go, projector.go, decoder.go, vision_language_model.go, loss.go;
// then generate.go, which writes captions, and config.go, which holds every size. The mixture of
// experts is expert.go, router.go and sparse_moe.go; grouped_moe.go computes the same faster, and
// routing.go keeps account of who did what.
//
// A variant is a swapped part: [Block] takes its [FeedForward], [VisionTransformer] and
// [DecoderLanguageModel] take their block, and [Model] holds the two halves of the whole.
//
// The arithmetic is that of two PyTorch tutorials named seemore and seeMoE, number for number. Where
// they differ from the textbook (the attention scale, the second residual), a comment says so.
package vlm
