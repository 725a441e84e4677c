package dev.lanewise.nn.data;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

/** Some samples of another data set, under new numbers: ranges and train/validation splits. */
public final class Subset implements Dataset {
    private final Dataset whole;
    private final int[] numbers;

    private Subset(Dataset whole, int[] numbers) {
        this.whole = whole;
        this.numbers = numbers;
    }

    /**
     * The samples with these numbers, in this order.
     *
     * @throws IndexOutOfBoundsException if a number is outside the data set
     */
    public static Subset of(Dataset whole, int... numbers) {
        for (int number : numbers) {
            if (number < 0 || number >= whole.size()) {
                throw new IndexOutOfBoundsException(
                        "Subset.of: sample %d is outside a data set of %d"
                                .formatted(number, whole.size()));
            }
        }
        return new Subset(whole, numbers.clone());
    }

    /** The samples {@code from} (inclusive) to {@code to} (exclusive). */
    public static Subset range(Dataset whole, int from, int to) {
        if (from < 0 || to < from || to > whole.size()) {
            throw new IndexOutOfBoundsException(
                    "Subset.range: %d to %d is outside a data set of %d"
                            .formatted(from, to, whole.size()));
        }
        int[] numbers = new int[to - from];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = from + i;
        }
        return new Subset(whole, numbers);
    }

    /**
     * A data set split at random: the training part and the validation part.
     *
     * @param train the samples to train on
     * @param validation the others
     */
    public record Split(Subset train, Subset validation) {}

    /**
     * Splits at random, the same way for the same seed: round({@code validationShare} · N) samples
     * become the validation part.
     *
     * @throws ArgumentException if the share is not in [0, 1]
     */
    public static Split split(Dataset whole, double validationShare, long seed) {
        if (!(validationShare >= 0 && validationShare <= 1)) {
            throw new ArgumentException(
                    "Subset.split: the share %s is not in [0, 1]".formatted(validationShare));
        }
        int n = Math.toIntExact(whole.size());
        int[] order = Shuffle.permutation(n, seed);
        int held = (int) Math.round(validationShare * n);
        int[] train = java.util.Arrays.copyOfRange(order, held, n);
        int[] validation = java.util.Arrays.copyOf(order, held);
        return new Split(new Subset(whole, train), new Subset(whole, validation));
    }

    @Override
    public long size() {
        return numbers.length;
    }

    @Override
    public Shape inputShape() {
        return whole.inputShape();
    }

    @Override
    public ElementType inputType() {
        return whole.inputType();
    }

    @Override
    public Shape targetShape() {
        return whole.targetShape();
    }

    @Override
    public ElementType targetType() {
        return whole.targetType();
    }

    @Override
    public void read(int[] order, int from, int count, Tensor inputs, Tensor targets) {
        int[] mapped = new int[count];
        for (int i = 0; i < count; i++) {
            mapped[i] = numbers[order[from + i]];
        }
        whole.read(mapped, 0, count, inputs, targets);
    }
}
