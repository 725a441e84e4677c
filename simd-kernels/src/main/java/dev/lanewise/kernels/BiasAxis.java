package dev.lanewise.kernels;

/** Along which axis of a matrix product's result [m, n] a bias is added. */
public enum BiasAxis {
    /** No bias: the bias segment is not read. */
    NONE,
    /** bias: [n], one value per column (a dense layer's features). */
    COLUMNS,
    /** bias: [m], one value per row (a convolution's output channels). */
    ROWS
}
