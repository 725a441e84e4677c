/** The layers, one file each, under PyTorch's names where it has them. */
package dev.lanewise.nn.layers;
