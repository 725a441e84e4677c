package dev.lanewise.nn.layers;

import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;

import java.util.function.UnaryOperator;

/** An activation function as a layer, for {@link Sequential}: {@code Activation.relu()}. */
public final class Activation extends Layer {

    private final String name;
    private final UnaryOperator<Variable> function;
    private final FusedActivation fused;

    private Activation(String name, UnaryOperator<Variable> function, FusedActivation fused) {
        this.name = name;
        this.function = function;
        this.fused = fused;
    }

    /** A layer that applies this function; the name is for {@link #toString}. */
    public static Activation of(String name, UnaryOperator<Variable> function) {
        return new Activation(name, function, FusedActivation.NONE);
    }

    /** max(x, 0). */
    public static Activation relu() {
        return new Activation("relu", Functional::relu, FusedActivation.RELU);
    }

    /** tanh x. */
    public static Activation tanh() {
        return new Activation("tanh", Functional::tanh, FusedActivation.TANH);
    }

    /** 1 / (1 + e⁻ˣ). */
    public static Activation sigmoid() {
        return new Activation("sigmoid", Functional::sigmoid, FusedActivation.SIGMOID);
    }

    /** x where x &gt; 0, else slope · x. */
    public static Activation leakyRelu(float slope) {
        return of("leakyRelu " + slope, x -> Functional.leakyRelu(x, slope));
    }

    /** x where x &gt; 0, else alpha · (eˣ − 1). */
    public static Activation elu(float alpha) {
        return of("elu " + alpha, x -> Functional.elu(x, alpha));
    }

    /** The self-normalizing exponential unit. */
    public static Activation selu() {
        return of("selu", Functional::selu);
    }

    /** x · Φ(x). */
    public static Activation gelu() {
        return of("gelu", Functional::gelu);
    }

    /** The tanh form of gelu. */
    public static Activation geluTanh() {
        return of("geluTanh", Functional::geluTanh);
    }

    /** x · sigmoid(x). */
    public static Activation silu() {
        return of("silu", Functional::silu);
    }

    /** ln(1 + eˣ). */
    public static Activation softplus() {
        return of("softplus", Functional::softplus);
    }

    /** min(max(x, −1), 1). */
    public static Activation hardTanh() {
        return of("hardTanh", Functional::hardTanh);
    }

    /** min(max(x/6 + 1/2, 0), 1). */
    public static Activation hardSigmoid() {
        return of("hardSigmoid", Functional::hardSigmoid);
    }

    /** x · hardSigmoid(x). */
    public static Activation hardSwish() {
        return of("hardSwish", Functional::hardSwish);
    }

    /** eˣ / Σ eˣ along an axis. */
    public static Activation softmax(int axis) {
        return of("softmax " + axis, x -> Functional.softmax(x, axis));
    }

    /** x − ln Σ eˣ along an axis. */
    public static Activation logSoftmax(int axis) {
        return of("logSoftmax " + axis, x -> Functional.logSoftmax(x, axis));
    }

    @Override
    public Variable forward(Variable x, Context context) {
        return function.apply(x);
    }

    /** The form in which a product can apply this function as it stores, or NONE. */
    FusedActivation fused() {
        return fused;
    }

    @Override
    protected String attributes() {
        return name;
    }
}
