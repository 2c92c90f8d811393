# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packages' models, each with the torchvision architecture that it is."""
import dataclasses

import timm
import torchvision
import transformers

CLASSES = 10
transformers.utils.logging.disable_progress_bar()


@dataclasses.dataclass
class PythonModel:
    name: str          # as its library says it
    architecture: str  # torchvision's
    make: object       # () -> module
    size: int = 224    # of its pictures, pixels


def logits_of(module, pictures):
    result = module(pictures)
    return getattr(result, "logits", result)


def torchvision_module(architecture, aux_logits=True):
    options = {}
    if architecture in ("googlenet", "inception_v3"):
        options = {"init_weights": False, "aux_logits": aux_logits}
    return torchvision.models.get_model(architecture, weights=None, num_classes=CLASSES, **options)


def from_torchvision(architecture, size=224):
    return PythonModel(architecture, architecture,
                       lambda: torchvision_module(architecture), size)


def from_timm(name, architecture, size=224):
    return PythonModel(name, architecture,
                       lambda: timm.create_model(name, num_classes=CLASSES), size)


def from_transformers(name, architecture, kind, **options):
    def make():
        config = getattr(transformers, kind + "Config")(num_labels=CLASSES, **options)
        return getattr(transformers, kind + "ForImageClassification")(config)
    return PythonModel(name, architecture, make)


# One of each family, the smallest.
TORCHVISION = [
    from_torchvision("alexnet"),
    from_torchvision("convnext_tiny"),
    from_torchvision("densenet121"),
    from_torchvision("efficientnet_b0"),
    from_torchvision("efficientnet_v2_s", 384),
    from_torchvision("googlenet"),
    from_torchvision("inception_v3", 299),
    from_torchvision("maxvit_t"),
    from_torchvision("mnasnet0_5"),
    from_torchvision("mobilenet_v2"),
    from_torchvision("mobilenet_v3_small"),
    from_torchvision("regnet_x_400mf"),
    from_torchvision("regnet_y_400mf"),
    from_torchvision("resnet18"),
    from_torchvision("resnext50_32x4d"),
    from_torchvision("shufflenet_v2_x0_5"),
    from_torchvision("squeezenet1_1"),
    from_torchvision("swin_t"),
    from_torchvision("swin_v2_t", 256),
    from_torchvision("vgg11"),
    from_torchvision("vit_b_32"),
    from_torchvision("wide_resnet50_2"),
]

TIMM = [
    from_timm("convnext_tiny", "convnext_tiny"),
    from_timm("deit_base_patch16_224", "vit_b_16"),
    from_timm("densenet121", "densenet121"),
    from_timm("efficientnet_b0", "efficientnet_b0"),
    from_timm("efficientnet_b5", "efficientnet_b5", 456),
    from_timm("efficientnetv2_s", "efficientnet_v2_s", 384),
    from_timm("inception_v3", "inception_v3", 299),
    from_timm("mobilenetv2_100", "mobilenet_v2"),
    from_timm("mobilenetv3_large_100", "mobilenet_v3_large"),
    from_timm("mobilenetv3_small_100", "mobilenet_v3_small"),
    from_timm("regnetx_004_tv", "regnet_x_400mf"),
    from_timm("regnety_004", "regnet_y_400mf"),
    from_timm("resnet50", "resnet50"),
    from_timm("resnext50_32x4d", "resnext50_32x4d"),
    from_timm("swin_tiny_patch4_window7_224", "swin_t"),
    from_timm("swinv2_tiny_window8_256", "swin_v2_t", 256),
    from_timm("vgg11", "vgg11"),
    from_timm("vgg11_bn", "vgg11_bn"),
    from_timm("vit_base_patch32_224", "vit_b_32"),
]

TRANSFORMERS = [
    from_transformers("resnet-18", "resnet18", "ResNet", embedding_size=64,
                      hidden_sizes=[64, 128, 256, 512], depths=[2, 2, 2, 2], layer_type="basic"),
    from_transformers("resnet-50", "resnet50", "ResNet", depths=[3, 4, 6, 3]),
    from_transformers("convnext-tiny", "convnext_tiny", "ConvNext", depths=[3, 3, 9, 3]),
    from_transformers("vit-base-patch32", "vit_b_32", "ViT", patch_size=32),
]

# timm's models that compute something else, and the reason that is given.
REFUSED = [
    ("convnextv2_atto", "ConvNeXt V2"),
    ("deit_tiny_distilled_patch16_224", "distillation"),
    ("flexivit_small", "position for its class token"),
    ("resnet18d", "deep stem"),
    ("resnetblur18", "anti-aliasing"),
    ("seresnet18", "channel attention"),
    ("swinv2_tiny_window16_256", "window"),
    ("tf_efficientnet_b0", "TensorFlow's padding"),
    ("tf_mobilenetv3_small_100", "TensorFlow's padding"),
    ("vit_tiny_patch16_dinov3_qkvb", "register tokens"),
]
